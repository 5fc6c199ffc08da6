import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { Injectable } from '@nestjs/common';

/** Finds the addresses of a name, as the system does for every program. */
@Injectable()
export class Resolver {
  /** All of them. @throws when there are none */
  addresses(host: string): Promise<LookupAddress[]> {
    return lookup(host, { all: true, order: 'verbatim' });
  }
}
