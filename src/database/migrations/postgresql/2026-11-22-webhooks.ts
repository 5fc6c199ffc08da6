import { Migration } from '@mikro-orm/migrations';

/**
 * Webhooks, and what is to be delivered to them. A delivery is written by the very statement that ends its task, by
 * whatever way that comes, so it is there when the end is; a task of somebody without webhooks pays for one look into an
 * index. Beside them, where files of a task are to be fetched from.
 */
export class Webhooks extends Migration {
  override up(): void {
    this.addSql('alter table task add column callback_url text null');
    this.addSql('alter table task add column sources text null');
    this.createWebhooks();
    this.createDeliveries();
    this.announceEnds();
  }

  private createWebhooks(): void {
    this.addSql(`
      create table webhook (
        id uuid not null primary key,
        owner text not null,
        url text null,
        description text null,
        events text not null,
        secret text not null,
        previous_secret text null,
        previous_until timestamptz(3) null,
        disabled_at timestamptz(3) null,
        disabled_reason text null,
        created_at timestamptz(3) not null
      )`);
    this.addSql('create index webhook_owner on webhook (owner, id)');
    this.addSql('create unique index webhook_callbacks on webhook (owner) where url is null');
  }

  private createDeliveries(): void {
    this.addSql(`
      create table webhook_delivery (
        webhook_id uuid not null,
        task_id uuid not null,
        owner text not null,
        event text not null,
        callback_url text null,
        status text not null default 'pending' check (status in ('pending', 'delivered', 'failed')),
        payload text null,
        attempts integer not null default 0,
        claim integer not null default 0,
        next_attempt_at timestamptz(3) not null,
        log json not null default '[]',
        created_at timestamptz(3) not null,
        finished_at timestamptz(3) null,
        primary key (webhook_id, task_id)
      )`);
    this.addSql(`create index webhook_delivery_due on webhook_delivery (next_attempt_at) where status = 'pending'`);
    this.addSql('create index webhook_delivery_end on webhook_delivery (finished_at) where finished_at is not null');
  }

  private announceEnds(): void {
    this.addSql(`
      create function announce_end_of_task() returns trigger language plpgsql as $announce$
      begin
      insert into webhook_delivery
        (webhook_id, task_id, owner, event, callback_url, next_attempt_at, created_at)
      select id, new.id, new.owner, 'task.' || new.status, case when url is null then new.callback_url end,
             coalesce(new.finished_at, new.created_at), coalesce(new.finished_at, new.created_at)
        from webhook
       where owner = new.owner and disabled_at is null and events like '%' || new.status || '%'
         and (url is not null or new.callback_url is not null)
      on conflict (webhook_id, task_id) do nothing;
      return null;
      end $announce$`);
    const hasEnded = `new.status in ('completed', 'failed', 'cancelled')`;
    const announce = 'execute function announce_end_of_task()';
    this.addSql(`create trigger task_made_ended after insert on task for each row when (${hasEnded}) ${announce}`);
    this.addSql(`
      create trigger task_ended after update of status on task
        for each row when (${hasEnded} and old.status <> new.status) ${announce}`);
  }
}
