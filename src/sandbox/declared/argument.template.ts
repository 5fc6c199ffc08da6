/** A place in an argument that a run fills in. */
export type Placeholder =
  /** The path of an input, by its number from 1. */
  | { readonly kind: 'input'; readonly number: number }
  /** The paths of all inputs, each an argument of its own. */
  | { readonly kind: 'inputs' }
  /** The path of a declared output; without a name, of the only one. */
  | { readonly kind: 'output'; readonly output: string | undefined }
  | { readonly kind: 'option'; readonly option: string };

/** Text as it stands there, or a place to fill in. */
export type Part = string | Placeholder;

const TOKEN = /\{\{|\}\}|\{(?<word>[a-z]+)(?::(?<name>[\w.-]+))?\}|[{}]|[^{}]+/g;

/** The parts of one argument; braces are doubled where they are meant as such. @throws Error with what is wrong, in words */
export function parseArgument(text: string): Part[] {
  return [...text.matchAll(TOKEN)].map(([token, word, name]) => {
    if (word !== undefined) return placeholder(word, name);
    if (token === '{' || token === '}') throw new Error(`has a ${token} alone: double it where it is meant as such`);
    return token === '{{' || token === '}}' ? token.slice(1) : token;
  });
}

function placeholder(word: string, name: string | undefined): Placeholder {
  if (word === 'inputs' && name === undefined) return { kind: 'inputs' };
  if (word === 'output') return { kind: 'output', output: name };
  if (word === 'option' && name !== undefined) return { kind: 'option', option: name };
  if (word === 'input' && /^(?:[1-9]\d?)?$/.test(name ?? '')) return { kind: 'input', number: Number(name ?? 1) };
  throw new Error(
    `has {${word}${name === undefined ? '' : `:${name}`}}, but there are only {input}, {input:2}, {inputs}, {output}, {output:…} and {option:…}`,
  );
}
