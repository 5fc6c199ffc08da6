import { deflateSync } from 'node:zlib';

const CATALOG = '<</Type/Catalog/Pages 2 0 R>>';
const PAGES = '<</Type/Pages/Kids[3 0 R]/Count 1>>';
const PAGE = '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R>>';

type Body = string | Buffer;

/** A document of these objects, numbered from 1, with a table that is right. */
export function pdfOf(objects: readonly Body[], trailer = ''): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')];
  const offsets: number[] = [];
  let length = parts[0]?.length ?? 0;
  for (const [index, body] of objects.entries()) {
    offsets.push(length);
    const part = Buffer.concat([Buffer.from(`${index + 1} 0 obj\n`), Buffer.from(body), Buffer.from('\nendobj\n')]);
    length += part.length;
    parts.push(part);
  }
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  const size = objects.length + 1;
  parts.push(
    Buffer.from(`xref\n0 ${size}\n0000000000 65535 f \n${table}trailer<</Size ${size}/Root 1 0 R${trailer}>>\n`),
  );
  return Buffer.concat([...parts, Buffer.from(`startxref\n${length}\n%%EOF\n`)]);
}

function stream(dictionary: string, bytes: Body): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([
    Buffer.from(`<<${dictionary}/Length ${body.length}>>\nstream\n`),
    body,
    Buffer.from('\nendstream'),
  ]);
}

/** So many megabytes of nothing, packed twice: a thousand times, and a thousand times again. */
function packed(megabytes: number): Buffer {
  const once = deflateSync(Buffer.alloc(megabytes * 1024 ** 2, ' '));
  return stream('/Filter[/FlateDecode/FlateDecode]', deflateSync(once));
}

const PLAIN = [CATALOG, PAGES, PAGE, stream('', 'q Q')];

const ACTIONS = [
  '<</S/JavaScript/JS(app.launchURL\\("http://127.0.0.1:9/"\\); this.exportDataObject\\({cName:"x", nLaunch:2}\\))>>',
  '<</S/Launch/F(/bin/sh)/Win<</F(cmd.exe)/P(/c calc)>>>>',
  '<</S/URI/URI(http://127.0.0.1:9/)>>',
  '<</S/SubmitForm/F(http://127.0.0.1:9/)>>',
  '<</S/GoToR/F(\\\\\\\\127.0.0.1\\\\share\\\\x.pdf)/D[0/Fit]>>',
];

/** Documents that hurt naive readers, by what is wrong with them. */
export const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  'nothing but a beginning': () => Buffer.from('%PDF-1.7\n'),
  'pages that are their own children': () => pdfOf([CATALOG, '<</Type/Pages/Kids[2 0 R 2 0 R]/Count 2>>']),
  'a parent that is its own parent': () =>
    pdfOf([CATALOG, '<</Type/Pages/Kids[3 0 R]/Count 1/Parent 2 0 R>>', ...PLAIN.slice(2)]),
  'objects that are each other': () => pdfOf([CATALOG, '3 0 R', '2 0 R']),
  'a stream whose length is itself': () => pdfOf([CATALOG, PAGES, PAGE, '<</Length 4 0 R>>\nstream\nq Q\nendstream']),
  'a count of two billion pages': () =>
    pdfOf([CATALOG, '<</Type/Pages/Kids[3 0 R]/Count 2147483647>>', ...PLAIN.slice(2)]),
  'a hundred thousand brackets': () => pdfOf([...PLAIN, '['.repeat(100_000)], '/Info 5 0 R'),
  'a picture that draws itself': () =>
    pdfOf([
      CATALOG,
      PAGES,
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>',
      stream('', '/X Do'),
      stream('/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>', '/X Do /X Do'),
    ]),
  'a table that goes before itself': () => Buffer.concat([pdfOf(PLAIN, '/Prev 9')]),
  'a table that is cut off': () => pdfOf(PLAIN).subarray(0, -60),
  '64 megabytes in some hundred bytes': () => pdfOf([CATALOG, PAGES, PAGE, packed(64)]),
  'a picture of a hundred megapixels of which none is there': () =>
    pdfOf([
      CATALOG,
      PAGES,
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/Resources<</XObject<</X 5 0 R>>>>>>',
      stream('', '200 0 0 200 0 0 cm /X Do'),
      stream(
        '/Type/XObject/Subtype/Image/Width 10000/Height 10000/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode',
        deflateSync(''),
      ),
    ]),
  'actions of all kinds and a file inside': () =>
    pdfOf([
      '<</Type/Catalog/Pages 2 0 R/OpenAction 5 0 R/Names<</EmbeddedFiles<</Names[(run.exe) 10 0 R]>>/JavaScript<</Names[(a) 5 0 R]>>>>>>',
      PAGES,
      '<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 4 0 R/AA<</O 6 0 R/C 7 0 R>>>>',
      stream('', 'q Q'),
      ...ACTIONS,
      '<</Type/Filespec/F(run.exe)/EF<</F 11 0 R>>>>',
      stream('/Type/EmbeddedFile', 'MZ'),
    ]),
};

/** A page that is so many pages. */
export function manyPages(count: number): Buffer {
  return pdfOf([CATALOG, `<</Type/Pages/Kids[${'3 0 R '.repeat(count)}]/Count ${count}>>`, ...PLAIN.slice(2)]);
}

/** A page whose document says that it has so many objects. */
export function announcedObjects(count: number): Buffer {
  return Buffer.from(pdfOf(PLAIN).toString('latin1').replace('/Size 5', `/Size ${count}`), 'latin1');
}

/** A page of so many points on each side. */
export function largePage(side: number): Buffer {
  return pdfOf([CATALOG, PAGES, `<</Type/Page/Parent 2 0 R/MediaBox[0 0 ${side} ${side}]>>`]);
}
