import sanitizeHtml from 'sanitize-html';

/** Pictures come with the document or not at all. No SVG, which is a document of its own. */
const PICTURE = /^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/=\s]*$/i;

const TAGS =
  'address article aside footer header h1 h2 h3 h4 h5 h6 hgroup main nav section blockquote center dd ' +
  'div dl dt figcaption figure hr li ol p pre ul a abbr b bdi bdo big br cite code data del dfn em font ' +
  'i ins kbd mark q rb rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr caption ' +
  'col colgroup table tbody td tfoot th thead tr details summary img style';

/** What is left out with all that stands in it. Of other tags that are left out, the text stays. */
const WHOLE = 'title script noscript template iframe object svg math textarea select option audio video canvas xmp';

export interface Sanitized {
  /** What may stand in a body. */
  readonly html: string;
  /** Pictures that were left out, because they are not in the document itself. */
  readonly leftOut: number;
}

/**
 * Takes out of a document whatever runs, asks, embeds or fetches. Styles stay: what they refer to is not fetched, because
 * the page forbids it.
 */
export function sanitize(html: string): Sanitized {
  let leftOut = 0;
  const clean = sanitizeHtml(html, {
    allowedTags: TAGS.split(' '),
    nonTextTags: WHOLE.split(' '),
    // A style cannot run anything, and is held in by the policy of the page.
    allowVulnerableTags: true,
    allowedAttributes: {
      '*': ['class', 'id', 'style', 'lang', 'dir', 'title', 'align', 'valign', 'width', 'height', 'bgcolor', 'color'],
      a: ['href', 'name'],
      img: ['src', 'alt'],
      font: ['face', 'size'],
      ol: ['start', 'type', 'reversed'],
      li: ['value'],
      table: ['border', 'cellpadding', 'cellspacing'],
      td: ['colspan', 'rowspan'],
      th: ['colspan', 'rowspan', 'scope'],
      col: ['span'],
      colgroup: ['span'],
      details: ['open'],
    },
    allowedSchemes: ['http', 'https', 'mailto'],
    allowedSchemesByTag: { img: ['data'] },
    allowProtocolRelative: false,
    parseStyleAttributes: false,
    exclusiveFilter: ({ tag, attribs }) => {
      if (tag !== 'img' || PICTURE.test(attribs['src'] ?? '')) return false;
      leftOut += 1;
      return true;
    },
  });
  return { html: clean, leftOut };
}
