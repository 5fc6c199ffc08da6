import { Global, Module } from '@nestjs/common';
import { Destinations } from './destinations.js';
import { Outbound } from './outbound.js';
import { Resolver } from './resolver.js';

@Global()
@Module({ providers: [Resolver, Destinations, Outbound], exports: [Outbound] })
export class OutboundModule {}
