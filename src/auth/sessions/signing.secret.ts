import { join } from 'node:path';
import type { Config } from '../../config/config.js';
import { keptSecret } from '../../encryption/kept.secret.js';

/**
 * The secrets of access tokens, the one that signs first. Without JWT_SECRET one is made once and kept in DATA_DIR,
 * readable by nobody else.
 *
 * @throws ConfigurationFault when the one that was kept is too short to be a secret
 */
export function signingSecrets(config: Config): readonly string[] {
  const current = config.JWT_SECRET ?? keptSecret(join(config.DATA_DIR, 'jwt-secret'), 'JWT_SECRET');
  return config.JWT_SECRET_PREVIOUS === undefined ? [current] : [current, config.JWT_SECRET_PREVIOUS];
}
