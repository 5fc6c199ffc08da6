/** One page of hOCR, and how sure tesseract is of its words. */
interface Scores {
  readonly words: number;
  /** Sum over the words, each from 0 to 100. */
  readonly confidence: number;
}

const HEAD = `<!DOCTYPE html>
<html lang="en">
 <head>
  <meta charset="utf-8">
  <title>Recognised text</title>
  <meta name="ocr-system" content="tesseract">
  <meta name="ocr-capabilities" content="ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf">
 </head>
 <body>
`;

const TAIL = ' </body>\n</html>\n';

export function scoresIn(hocr: string): Scores {
  const scores = [...hocr.matchAll(/class='ocrx_word'[^>]* x_wconf (\d+)/g)].map(([, score]) => Number(score));
  return { words: scores.length, confidence: scores.reduce((sum, score) => sum + score, 0) };
}

/**
 * One document of the pages, each of which was the first of its own. Undefined: a page of which nothing was recognised.
 * What the pictures were called on the machine is nobody's business.
 */
export function joinHocr(pages: readonly (string | undefined)[]): string {
  const bodies = pages.map((page, index) => {
    const number = index + 1;
    if (page === undefined) return `  <div class='ocr_page' id='page_${number}' title='ppageno ${index}'></div>\n`;
    return bodyOf(page)
      .replace(/title='image "[^']*?"; /, `title='`)
      .replace('ppageno 0', `ppageno ${index}`)
      .replaceAll(/ id='(page|block|par|line|word)_1(?=['_])/g, ` id='$1_${number}`);
  });
  return HEAD + bodies.join('') + TAIL;
}

function bodyOf(page: string): string {
  const start = page.indexOf('<body>');
  const end = page.lastIndexOf('</body>');
  return start === -1 || end === -1
    ? ''
    : page
        .slice(start + '<body>'.length, end)
        .replace(/^\n/, '')
        .replace(/ +$/, '');
}
