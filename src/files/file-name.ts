const MAX_BYTES = 255;
/** A longer end of a name is no extension that anybody needs. */
const MAX_EXTENSION_BYTES = 32;

/** Control characters, and format characters: zero-width, bidirectional overrides, tags; and both Unicode line ends. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;
/** What Windows allows in no name; `:` also names a drive or a hidden stream. */
const FORBIDDEN_ON_WINDOWS = /[<>:"|?*]/g;
/** Devices that Windows finds in every folder, whatever extension they are given. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(?:\.|$)/i;

/**
 * The name that a client gave to a file, made harmless to show, to download under and to put into an archive. It never becomes a path here.
 * One name in NFC, without folders and invisible characters, at most 255 bytes in UTF-8, with its extension, on every system.
 *
 * @param fallbackExtension without the dot; for `file.<extension>`, when nothing is left of the name
 */
export function safeName(claimed: string | undefined, fallbackExtension: string): string {
  const visible = (claimed ?? '').toWellFormed().replace(INVISIBLE, '').normalize('NFC');
  const name = trim((visible.split(/[/\\]/).at(-1) ?? '').replace(FORBIDDEN_ON_WINDOWS, '_'));
  if (name === '') return fallbackExtension === '' ? 'file' : `file.${fallbackExtension}`;
  return shorten(DEVICE.test(name) ? `_${name}` : name);
}

/** Windows drops dots and spaces at the end, so two names could become one; and so `.` and `..` are nothing. */
function trim(name: string): string {
  let end = name.length;
  while (end > 0 && /[\s.]/.test(name.charAt(end - 1))) end--;
  return name.slice(0, end).trimStart();
}

function shorten(name: string): string {
  if (Buffer.byteLength(name) <= MAX_BYTES) return name;
  const dot = name.lastIndexOf('.');
  const extension = dot > 0 && Buffer.byteLength(name.slice(dot)) <= MAX_EXTENSION_BYTES ? name.slice(dot) : '';
  const stem = name.slice(0, name.length - extension.length);
  return trim(cut(stem, MAX_BYTES - Buffer.byteLength(extension)) + extension);
}

/** As many whole characters as fit. */
function cut(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text).subarray(0, maxBytes);
  return new TextDecoder().decode(bytes, { stream: true });
}
