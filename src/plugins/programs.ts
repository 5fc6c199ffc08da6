import { findProgram } from '../sandbox/bubblewrap.js';

/** Where the package has another name than the program. */
const PACKAGES: Readonly<Record<string, string>> = {
  pdftoppm: 'poppler-utils',
  pdftotext: 'poppler-utils',
  pdfinfo: 'poppler-utils',
  pdfimages: 'poppler-utils',
  tesseract: 'tesseract-ocr',
  ffprobe: 'ffmpeg',
  'heif-convert': 'libheif-examples',
  clamd: 'clamav-daemon',
  clamdscan: 'clamdscan',
  bwrap: 'bubblewrap',
  prlimit: 'util-linux',
};

/** The package of Debian that brings a program. */
export function packageOf(program: string): string {
  return PACKAGES[program] ?? program;
}

/** The line that brings a program to a machine with Debian. */
export function installLine(program: string): string {
  return `apt-get install ${packageOf(program)}`;
}

/**
 * Why a tool cannot be used for want of a program, in a sentence for the operator; undefined when it has all.
 *
 * @param allowed the programs that the plugin's manifest names: of others the tool would see nothing
 */
export function missingProgram(required: readonly string[], allowed: readonly string[]): string | undefined {
  const undeclared = required.find((program) => !allowed.includes(program));
  if (undeclared !== undefined) return `It needs ${undeclared}, which its manifest does not name under exec.`;
  const missing = required.find((program) => findProgram(program) === undefined);
  if (missing === undefined) return undefined;
  return `It needs the program ${missing}, which is not on this machine (${installLine(missing)}).`;
}
