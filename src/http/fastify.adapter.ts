import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Farewell } from './farewell.js';

/** The adapter of Nest, which hears first of all that the process is asked to stop. */
export class ServerAdapter extends FastifyAdapter {
  farewell: Farewell | undefined;

  override beforeClose(): void {
    super.beforeClose();
    this.farewell?.begin();
  }
}
