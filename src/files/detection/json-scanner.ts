export interface Scan {
  /** `cut`: correct as far as it goes, but the text ends before the value does. */
  readonly state: 'complete' | 'cut' | 'invalid';
  /** Index after the last character that was understood. */
  readonly end: number;
}

/** What may come next inside an object or an array. */
type Expected = 'value' | 'value or end' | 'key' | 'key or end' | 'colon' | 'comma or end';

const WHITESPACE = /[ \t\n\r]*/y;
const WORD = /[-+.\w]+/y;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const LITERALS = ['true', 'false', 'null'];
const HEXADECIMAL = /^[0-9a-fA-F]*$/;

/**
 * Reads one JSON value (RFC 8259) from `start`, or as much of it as is there. Keeps no values and does not recurse,
 * so neither a long text nor a deep one can hurt.
 */
export function scanJson(text: string, start: number): Scan {
  return new Scanner(text, start).scan();
}

class Scanner {
  /** Which containers are open, outermost first. */
  private readonly open: ('{' | '[')[] = [];
  private expected: Expected = 'value';
  private state: Scan['state'] | undefined;

  constructor(
    private readonly text: string,
    private position: number,
  ) {}

  scan(): Scan {
    while (this.state === undefined) this.step();
    return { state: this.state, end: this.position };
  }

  private step(): void {
    this.position = endOf(WHITESPACE, this.text, this.position);
    const character = this.text[this.position];
    if (character === undefined) this.state = 'cut';
    else if (character === '}' || character === ']') this.close(character);
    else if (this.expected === 'colon') this.pass(character === ':', 'value');
    else if (this.expected === 'comma or end') this.pass(character === ',', this.open.at(-1) === '{' ? 'key' : 'value');
    else if (this.expected.startsWith('key')) this.take(character === '"' ? this.string() : 'invalid', 'colon');
    else this.value(character);
  }

  private value(character: string): void {
    if (character === '{' || character === '[') {
      this.open.push(character);
      this.pass(true, character === '{' ? 'key or end' : 'value or end');
    } else {
      this.take(character === '"' ? this.string() : this.word(), 'comma or end');
      this.finishIfOutermost();
    }
  }

  private close(character: '}' | ']'): void {
    const opening = character === '}' ? '{' : '[';
    if (!this.expected.endsWith('end') || this.open.pop() !== opening) {
      this.state = 'invalid';
      return;
    }
    this.pass(true, 'comma or end');
    this.finishIfOutermost();
  }

  private pass(isRight: boolean, next: Expected): void {
    if (isRight) this.position++;
    else this.state = 'invalid';
    this.expected = next;
  }

  private take(end: number | 'cut' | 'invalid', next: Expected): void {
    if (typeof end === 'number') this.position = end;
    else this.state = end;
    this.expected = next;
  }

  private finishIfOutermost(): void {
    if (this.open.length === 0) this.state ??= 'complete';
  }

  /** Index after the string that begins here. */
  private string(): number | 'cut' | 'invalid' {
    let index = this.position + 1;
    while (index < this.text.length) {
      const code = this.text.charCodeAt(index);
      if (code === 0x22) return index + 1;
      if (code < 0x20) return 'invalid';
      const length = code === 0x5c ? this.escape(index) : 1;
      if (length === 0) return 'invalid';
      index += length;
    }
    return 'cut';
  }

  /** Length of the escape at `index`; 0 when there is no such escape. One that is cut counts as whole. */
  private escape(index: number): number {
    const kind = this.text[index + 1];
    if (kind === undefined) return 2;
    if (kind === 'u') return HEXADECIMAL.test(this.text.slice(index + 2, index + 6)) ? 6 : 0;
    return '"\\/bfnrt'.includes(kind) ? 2 : 0;
  }

  /** Index after the number or literal that begins here. */
  private word(): number | 'cut' | 'invalid' {
    const end = endOf(WORD, this.text, this.position);
    const word = this.text.slice(this.position, end);
    if (end < this.text.length) return LITERALS.includes(word) || NUMBER.test(word) ? end : 'invalid';
    const mayGoOn =
      LITERALS.some((literal) => literal.startsWith(word)) || NUMBER.test(word) || NUMBER.test(`${word}0`);
    return mayGoOn ? 'cut' : 'invalid';
  }
}

function endOf(pattern: RegExp, text: string, start: number): number {
  pattern.lastIndex = start;
  return pattern.test(text) ? pattern.lastIndex : start;
}
