let known: Promise<ReadonlySet<string>> | undefined;

/**
 * Passwords that are tried first, in small letters. Loaded when somebody chooses one, because it takes some hundredths of a
 * second.
 */
export function commonPasswords(): Promise<ReadonlySet<string>> {
  known ??= load();
  return known;
}

async function load(): Promise<ReadonlySet<string>> {
  const { dictionary } = await import('@zxcvbn-ts/language-common');
  return new Set(dictionary['passwords-common']);
}
