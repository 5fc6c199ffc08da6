import { ToolError } from 'toolyard/sdk';
import { escapedHtml, unescapedHtml } from './html.names.ts';

/** A way to write bytes as text, and back. */
interface Codec {
  encode(bytes: Buffer): string;
  /** @throws ToolError `text_undecodable` */
  decode(text: string): Buffer;
}

const WHITE_SPACE = /\s+/g;

export const CODECS = {
  base64: {
    encode: (bytes) => bytes.toString('base64'),
    decode: (text) => strictly(text, 'base64', /^[A-Za-z0-9+/]*={0,2}$/),
  },
  base64url: {
    encode: (bytes) => bytes.toString('base64url'),
    decode: (text) => strictly(text, 'base64url', /^[A-Za-z0-9_-]*={0,2}$/),
  },
  hex: {
    encode: (bytes) => bytes.toString('hex'),
    decode: (text) => strictly(text, 'hex', /^[0-9A-Fa-f]*$/),
  },
  url: {
    encode: (bytes) => encodeURIComponent(utf8(bytes)),
    decode: (text) => {
      try {
        return Buffer.from(decodeURIComponent(text));
      } catch {
        throw undecodable('url');
      }
    },
  },
  html: {
    encode: (bytes) => escapedHtml(utf8(bytes)),
    decode: (text) => Buffer.from(unescapedHtml(text)),
  },
} as const satisfies Record<string, Codec>;

/** Node passes over what it does not understand. White space may stand anywhere, because such texts come in lines. */
function strictly(text: string, encoding: 'base64' | 'base64url' | 'hex', alphabet: RegExp): Buffer {
  const letters = text.replaceAll(WHITE_SPACE, '');
  if (!alphabet.test(letters)) throw undecodable(encoding);
  const bytes = Buffer.from(letters, encoding);
  const expected = encoding === 'hex' ? letters.length / 2 : Math.floor((letters.replace(/=+$/, '').length * 3) / 4);
  if (bytes.length !== expected) throw undecodable(encoding);
  return bytes;
}

function undecodable(codec: string): ToolError {
  return new ToolError(
    'text_undecodable',
    `The text is not ${codec}: it has characters that do not belong there, or too few.`,
  );
}

/** These two are of characters, not of bytes. */
function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new ToolError('text_not_utf8', 'Only UTF-8 can be encoded so. For other bytes there are base64 and hex.');
  }
}
