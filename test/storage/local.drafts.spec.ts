import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { LocalDrafts } from '../../src/storage/local.drafts.js';
import { LocalStorage } from '../../src/storage/local.storage.js';
import { describeDrafts } from '../contracts/drafts.contract.js';

describeDrafts('LocalDrafts', async () => {
  const directory = await mkdtemp(`${tmpdir()}/local-drafts-`);
  return {
    drafts: new LocalDrafts(directory),
    storage: new LocalStorage(directory),
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
