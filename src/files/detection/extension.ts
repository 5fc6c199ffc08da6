import { matches, UNKNOWN } from './media-type.js';

/** What begins with letters. Which of these it is, is often a matter of taste: a log of JSON lines, a table in a `.txt`. */
const TEXTUAL = [
  'text/*',
  'application/json',
  'application/x-ndjson',
  'application/xml',
  'image/svg+xml',
  'application/rtf',
  'application/postscript',
  'application/eps',
  'application/pgp-encrypted',
  // In an old encoding.
  UNKNOWN.type,
];
/** Containers of sound and pictures go by many names, and some begin without a magic number. */
const SOUND_AND_FILM = ['audio/*', 'video/*', 'application/ogg', 'application/vnd.ms-asf', UNKNOWN.type];
const OFFICE = 'application/vnd.openxmlformats-officedocument';
const OPEN = 'application/vnd.oasis.opendocument';
const ZIP = 'application/zip';
/** Of Office before 2007, and of any Office with a password. */
const COMPOUND = 'application/x-cfb';

/** The types that may stand behind an extension; the first is the one that people mean. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  ...of('txt log md csv tsv json ndjson jsonl xml svg html htm yaml yml ics vcf vtt srt css js sql', TEXTUAL),
  ...of('mp3 m4a aac wav flac ogg oga opus mp4 m4v mov mkv webm avi wmv mpg mpeg 3gp', SOUND_AND_FILM),
  ...of('jpg jpeg', ['image/jpeg']),
  ...of('png', ['image/png', 'image/apng']),
  ...of('apng', ['image/apng', 'image/png']),
  ...of('gif', ['image/gif']),
  ...of('webp', ['image/webp']),
  ...of('avif', ['image/avif']),
  ...of('heic heif', ['image/heic', 'image/heif', 'image/heic-sequence', 'image/heif-sequence']),
  ...of('bmp', ['image/bmp']),
  ...of('tif tiff', ['image/tiff', 'image/x-adobe-dng']),
  ...of('jxl', ['image/jxl']),
  ...of('psd', ['image/vnd.adobe.photoshop']),
  ...of('ico', ['image/x-icon']),
  ...of('pdf', ['application/pdf']),
  ...of('rtf', ['application/rtf']),
  ...of('doc', ['application/msword', COMPOUND, 'application/rtf']),
  ...of('xls', ['application/vnd.ms-excel', COMPOUND]),
  ...of('ppt', ['application/vnd.ms-powerpoint', COMPOUND]),
  ...of('docx', [`${OFFICE}.wordprocessingml.document`, ZIP, COMPOUND]),
  ...of('xlsx', [`${OFFICE}.spreadsheetml.sheet`, ZIP, COMPOUND]),
  ...of('pptx', [`${OFFICE}.presentationml.presentation`, ZIP, COMPOUND]),
  ...of('odt', [`${OPEN}.text`, ZIP]),
  ...of('ods', [`${OPEN}.spreadsheet`, ZIP]),
  ...of('odp', [`${OPEN}.presentation`, ZIP]),
  ...of('epub', ['application/epub+zip', ZIP]),
  ...of('zip', [ZIP, `${OFFICE}.*`, `${OPEN}.*`, 'application/epub+zip', 'application/java-archive', 'model/3mf']),
  ...of('gz tgz', ['application/gzip']),
  ...of('tar', ['application/x-tar']),
  ...of('7z', ['application/x-7z-compressed']),
  ...of('rar', ['application/x-rar-compressed']),
  ...of('bz2', ['application/x-bzip2']),
  ...of('xz', ['application/x-xz']),
  ...of('zst', ['application/zstd']),
  ...of('parquet', ['application/vnd.apache.parquet']),
  ...of('sqlite', ['application/x-sqlite3']),
};

/**
 * The type that the end of a name promises, when the bytes contradict it; undefined when they agree, or when nothing is known
 * about such an end.
 *
 * @param type as it was detected
 * @example contradictedType('photo.png', 'text/html') // image/png
 */
export function contradictedType(name: string, type: string): string | undefined {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  const wanted = Object.hasOwn(TYPES, extension) ? TYPES[extension] : undefined;
  return wanted?.some((pattern) => fits(pattern, type)) ? undefined : wanted?.[0];
}

/** Beside the patterns that tools use, one that ends in `.*`, for everything of one producer. */
function fits(pattern: string, type: string): boolean {
  return pattern.endsWith('.*') ? type.startsWith(pattern.slice(0, -1)) : matches(pattern, type);
}

function of(extensions: string, types: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, types]));
}
