import { type DynamicModule, Module } from '@nestjs/common';
import { MikroOrmModule } from '@mikro-orm/nestjs';
import { DeliveriesController } from './deliveries.controller.js';
import { Delivery } from './delivery.entity.js';
import { DeliveryPost } from './delivery.post.js';
import { DeliveryStore } from './delivery.store.js';
import { DeliveryTry } from './delivery.try.js';
import { TaskCallbacks } from './task.callbacks.js';
import { Webhook } from './webhook.entity.js';
import { WebhookSecrets } from './webhook.secrets.js';
import { WebhookSender } from './webhook.sender.js';
import { WebhookStore } from './webhook.store.js';
import { WebhooksController } from './webhooks.controller.js';
import { WebhooksService } from './webhooks.service.js';

@Module({})
export class WebhooksModule {
  /** @param http whether this process answers requests for webhooks; every process sends */
  static forRoot(http: boolean): DynamicModule {
    return {
      module: WebhooksModule,
      global: true,
      imports: [MikroOrmModule.forFeature([Webhook, Delivery])],
      controllers: http ? [WebhooksController, DeliveriesController] : [],
      providers: [
        WebhookStore,
        DeliveryStore,
        WebhookSecrets,
        DeliveryPost,
        DeliveryTry,
        WebhookSender,
        ...(http ? [WebhooksService, TaskCallbacks] : []),
      ],
      exports: http ? [TaskCallbacks] : [],
    };
  }
}
