import { SetMetadata } from '@nestjs/common';

export const PUBLIC = 'toolyard:public';

/** A route that answers anybody: probes and scrapes. It tells nothing of users. */
export const Public = () => SetMetadata(PUBLIC, true);
