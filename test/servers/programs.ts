import { canInstall, install } from './apt.ts';
import { findBinary } from './find-binary.ts';

/** What tools of the catalogue run, and what tests run beside them; and the packages of Debian that bring it. */
const PROGRAMS: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  clamd: 'clamav-daemon',
  qpdf: 'qpdf',
  pdftoppm: 'poppler-utils',
  tesseract: 'tesseract-ocr',
  ffmpeg: 'ffmpeg',
  'heif-convert': 'libheif-examples',
  chromium: 'chromium',
  python3: 'python3',
};

/**
 * Installs what is missing in one go, where that can be done: two test files that install at the same time would be in
 * each other's way. What is missing afterwards is told by the tests that need it.
 */
export async function obtainPrograms(): Promise<void> {
  const missing = Object.keys(PROGRAMS).filter((name) => findBinary(name) === undefined);
  if (missing.length === 0 || !canInstall()) return;
  await install(...missing.flatMap((name) => PROGRAMS[name] ?? [])).catch(() => {});
}
