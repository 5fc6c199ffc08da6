import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { type Identity, type Recipient, Stanza } from 'age-encryption';
import { ToolError } from 'toolyard/sdk';

/** What age itself does (age-encryption.org/v1, the scrypt recipient type): 2^18 takes 256 MiB. */
const USUAL_WORK = 18;
/** 1 GiB. */
const MOST_WORK = 20;
const LABEL = 'age-encryption.org/v1/scrypt';
const SALT_BYTES = 16;
const TAG_BYTES = 16;
const CIPHER = 'chacha20-poly1305';
/** The key is used once. */
const NONCE = Buffer.alloc(12);

/** Encrypts the key of a file with a password. On another thread, so that the run can be stopped meanwhile. */
export function passwordRecipient(password: string, signal: AbortSignal): Recipient {
  return {
    wrapFileKey: async (fileKey) => {
      const salt = randomBytes(SALT_BYTES);
      const cipher = createCipheriv(CIPHER, await derive(password, salt, USUAL_WORK, signal), NONCE, {
        authTagLength: TAG_BYTES,
      });
      const body = Buffer.concat([cipher.update(fileKey), cipher.final(), cipher.getAuthTag()]);
      return [new Stanza(['scrypt', unpadded(salt), String(USUAL_WORK)], body)];
    },
  };
}

/** Tries a password on a file. @throws ToolError `password_wrong` or `password_too_costly`; Error when the file is damaged */
export function passwordIdentity(password: string, signal: AbortSignal): Identity {
  return {
    unwrapFileKey: async (stanzas) => {
      const [stanza] = stanzas;
      const [type, salt = '', work = ''] = stanza?.args ?? [];
      if (!stanza || stanzas.length > 1 || type !== 'scrypt' || stanza.args.length !== 3)
        throw new Error('not one scrypt');
      if (!/^[1-9]\d?$/.test(work) || stanza.body.length !== 16 + TAG_BYTES) throw new Error('invalid scrypt stanza');
      if (Number(work) > MOST_WORK) {
        throw new ToolError('password_too_costly', 'To try a password on this file would take too much memory.');
      }
      return opened(stanza.body, await derive(password, Buffer.from(salt, 'base64'), Number(work), signal));
    },
  };
}

function opened(body: Uint8Array, key: Buffer): Uint8Array {
  const decipher = createDecipheriv(CIPHER, key, NONCE, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(body.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(body.subarray(0, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw new ToolError('password_wrong', 'The password does not open the file.');
  }
}

function derive(password: string, salt: Buffer, work: number, signal: AbortSignal): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const cost = { N: 2 ** work, r: 8, p: 1, maxmem: 2 ** (MOST_WORK + 11) };
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  scrypt(password, Buffer.concat([Buffer.from(LABEL), salt]), 32, cost, (error, key) =>
    // Its parameters are valid, so memory is all that it can lack.
    error ? reject(new Error('Failed to allocate memory for the key.', { cause: error })) : resolve(key),
  );
  signal.throwIfAborted();
  return promise;
}

/** As age writes bytes: Base64 without `=`. */
function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
