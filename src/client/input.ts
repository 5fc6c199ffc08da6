/** Bytes to upload: a Blob with or without a name, or plain bytes; a text is the id of a file that is there already. */
export type Input = Blob | Uint8Array<ArrayBuffer> | NamedInput | string;

export interface NamedInput {
  readonly name: string;
  readonly data: Blob | Uint8Array<ArrayBuffer>;
}

export interface NamedBlob {
  readonly name: string;
  readonly data: Blob;
}

/** The bytes and what they are called. In Node `await openAsBlob(path)` reads a file only as it is sent. */
export function namedBlob(input: Exclude<Input, string>): NamedBlob {
  if (input instanceof Blob) return { name: 'name' in input ? String(input.name) : '', data: input };
  if (input instanceof Uint8Array) return { name: '', data: new Blob([input]) };
  const { name, data } = input;
  return { name, data: data instanceof Blob ? data : new Blob([data]) };
}
