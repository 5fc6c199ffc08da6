export type Case = 'upper' | 'lower' | 'title' | 'sentence' | 'camel' | 'pascal' | 'snake' | 'kebab' | 'constant';

const WORD = /\p{L}[\p{L}\p{M}\p{N}'’]*/gu;
/** Words, white space, and what is neither. */
const PIECE = /\p{L}[\p{L}\p{M}\p{N}'’]*|\s+|[^\p{L}\s]+/gu;
const SENTENCE_END = /[.!?…]["”’)]*$/u;
/** Runs of letters and digits; and inside them `fooBar` is two words, `HTTPServer` is two, too. */
const RUN = /[\p{L}\p{M}\p{N}]+/gu;
const BOUNDARY = /(?<=[\p{Ll}\p{N}])(?=\p{Lu})|(?<=\p{Lu})(?=\p{Lu}\p{Ll})/u;

/** @param language of the text, in two or three letters (BCP 47) */
export function inCase(text: string, to: Case, language: string): string {
  const upper = (part: string) => part.toLocaleUpperCase(language);
  const lower = (part: string) => part.toLocaleLowerCase(language);
  const capital = (word: string) => {
    const [first = '', ...rest] = word;
    return upper(first) + lower(rest.join(''));
  };
  const named = (join: string, word: (word: string, index: number) => string) =>
    text
      .split('\n')
      .map((line) => wordsOf(line).map(word).join(join))
      .join('\n');
  switch (to) {
    case 'upper':
      return upper(text);
    case 'lower':
      return lower(text);
    case 'title':
      return text.replace(WORD, capital);
    case 'sentence':
      return inSentences(lower(text), capital);
    case 'camel':
      return named('', (word, index) => (index === 0 ? lower(word) : capital(word)));
    case 'pascal':
      return named('', capital);
    case 'snake':
      return named('_', lower);
    case 'kebab':
      return named('-', lower);
    case 'constant':
      return named('_', upper);
    default:
      return to satisfies never;
  }
}

/** The first word of a text, of a line, and after the end of a sentence. */
function inSentences(text: string, capital: (word: string) => string): string {
  let isStart = true;
  let hasEnded = false;
  return text.replace(PIECE, (piece) => {
    if (/^\s/.test(piece)) {
      isStart ||= hasEnded || piece.includes('\n');
      return piece;
    }
    const made = isStart ? capital(piece) : piece;
    hasEnded = SENTENCE_END.test(piece);
    isStart = false;
    return made;
  });
}

function wordsOf(line: string): string[] {
  return (line.match(RUN) ?? []).flatMap((run) => run.split(BOUNDARY));
}
