import type { EntityMetadata, EntityProperty } from '@mikro-orm/core';
import type { DatabaseKind } from './database.options.js';

/** SQL with `?` for each value. */
export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** The connection, as far as rows need it. */
export interface Statements {
  readonly kind: DatabaseKind;
  query(statement: string, values: readonly unknown[]): Promise<Readonly<Record<string, unknown>>[]>;
  change(statement: string, values: readonly unknown[]): Promise<number>;
}

/** What a column holds, as far as drivers disagree about it. */
type Kind = 'json' | 'date' | 'number' | 'boolean' | 'plain';

interface Column<Entity> {
  readonly property: keyof Entity & string;
  readonly name: string;
  readonly kind: Kind;
}

/**
 * Single statements on the rows of one entity, for the hot path: no unit of work, no query builder, which cost five
 * times what the statement itself does. Conditions are SQL with `?` for each value; what they name are columns.
 */
export class Rows<Entity extends object> {
  private readonly columns: readonly Column<Entity>[];
  private readonly byProperty: ReadonlyMap<string, Column<Entity>>;
  private readonly insertion: string;
  /** The columns of the entity, for `select` and `returning`. */
  readonly names: string;

  constructor(
    private readonly database: Statements,
    private readonly metadata: EntityMetadata<Entity>,
  ) {
    this.columns = metadata.props.map(column);
    this.byProperty = new Map(this.columns.map((column) => [column.property, column]));
    this.names = this.columns.map(({ name }) => name).join(', ');
    this.insertion = this.inserting({});
  }

  async insert(entity: Entity): Promise<void> {
    await this.database.change(this.insertion, this.values(entity));
  }

  /**
   * Inserts rows that have more columns than the entity.
   *
   * @param computed SQL for each of those columns, by its name
   * @returns the insertion as a statement; it takes the values of all `?` in the SQL, in their order
   */
  inserter(computed: Readonly<Record<string, string>>): (entity: Entity, values: readonly unknown[]) => Statement {
    const text = this.inserting(computed);
    return (entity, values) => ({ text, values: [...this.values(entity), ...values] });
  }

  /** The first row under the condition. */
  async find(condition: string, values: readonly unknown[]): Promise<Entity | undefined> {
    const statement = `select ${this.names} from ${this.metadata.tableName} where ${condition}`;
    const [row] = await this.database.query(statement, values);
    return row && this.read(row);
  }

  /** Answers how many rows were changed. */
  async update(change: Partial<Entity>, condition: string, values: readonly unknown[]): Promise<number> {
    const { text, values: all } = this.updating(change, condition, values);
    return this.database.change(text, all);
  }

  /** The update as a statement, which ends in its condition. */
  updating(change: Partial<Entity>, condition: string, values: readonly unknown[]): Statement {
    const entries = Object.entries(change).map(([property, value]) => ({ column: this.column(property), value }));
    const assignments = entries.map(({ column }) => `${column.name} = ?`).join(', ');
    const text = `update ${this.metadata.tableName} set ${assignments} where ${condition}`;
    return { text, values: [...entries.map(({ column, value }) => stored(column, value)), ...values] };
  }

  /** A row, as the driver gives it, as an entity. */
  read(row: Readonly<Record<string, unknown>>): Entity {
    const entity: Record<string, unknown> = {};
    for (const column of this.columns) {
      entity[column.property] = restored(column, row[column.name], this.database.kind);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the columns are those of the entity
    return entity as Entity;
  }

  private inserting(computed: Readonly<Record<string, string>>): string {
    const names = [this.names, ...Object.keys(computed)].join(', ');
    const values = [...this.columns.map(() => '?'), ...Object.values(computed)].join(', ');
    return `insert into ${this.metadata.tableName} (${names}) values (${values})`;
  }

  private values(entity: Entity): unknown[] {
    return this.columns.map((column) => stored(column, entity[column.property]));
  }

  private column(property: string): Column<Entity> {
    const column = this.byProperty.get(property);
    if (!column) throw new Error(`${this.metadata.tableName} has no column for ${property}.`);
    return column;
  }
}

function column<Entity>(property: EntityProperty<Entity>): Column<Entity> {
  const [name = property.name] = property.fieldNames;
  return { property: property.name, name, kind: kindOf(property) };
}

function kindOf({ type, runtimeType }: { type: string; runtimeType: string }): Kind {
  if (type === 'JsonType' || type === 'json') return 'json';
  if (runtimeType === 'Date') return 'date';
  return runtimeType === 'number' || runtimeType === 'boolean' ? runtimeType : 'plain';
}

function stored<Entity>({ kind }: Column<Entity>, value: unknown): unknown {
  if (value === null || value === undefined) return null;
  return kind === 'json' ? JSON.stringify(value) : value;
}

/**
 * SQLite gives JSON as text, dates as milliseconds and booleans as 0 and 1. PostgreSQL's driver parses JSON itself, and
 * gives large whole numbers as text.
 */
function restored<Entity>({ kind }: Column<Entity>, value: unknown, database: DatabaseKind): unknown {
  if (value === null || value === undefined) return null;
  switch (kind) {
    case 'json':
      return database === 'sqlite' && typeof value === 'string' ? JSON.parse(value) : value;
    case 'date':
      return typeof value === 'number' || typeof value === 'string' ? new Date(value) : value;
    case 'number':
      return Number(value);
    case 'boolean':
      return Boolean(value);
    case 'plain':
      return value;
    default:
      return kind satisfies never;
  }
}
