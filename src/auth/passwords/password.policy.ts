/** Characters (code points). Longer ones are refused, never cut: a cut password is another one. */
export const MAX_PASSWORD_LENGTH = 128;

/** Parts of an address that are shorter than this stand in too many good passwords. */
const LEAST_CONTEXT_LENGTH = 4;

/** What must not stand in somebody's password. */
export interface PasswordContext {
  readonly email: string;
  readonly name?: string | null | undefined;
}

/**
 * Why this password is not taken, as a sentence for the user, or undefined. All characters are welcome and none is
 * demanded (NIST SP 800-63B-4 §3.1.1.2); what is refused is what is short, common, or the user's own name.
 *
 * @param common those that are tried first, in small letters
 */
export function passwordRefusal(
  password: string,
  minLength: number,
  context: PasswordContext,
  common: ReadonlySet<string>,
): string | undefined {
  const length = Array.from(password).length;
  if (length < minLength) return `The password must have at least ${minLength} characters.`;
  if (length > MAX_PASSWORD_LENGTH) return `The password must have at most ${MAX_PASSWORD_LENGTH} characters.`;
  const lower = comparable(password);
  if (isCommon(lower, common)) return 'The password is one of those that are tried first. Choose another.';
  if (contextWords(context).some((word) => lower.includes(word)))
    return 'The password must not contain your name or address.';
  return undefined;
}

/** On the list, or nothing but something on the list written several times or filled up with digits and signs. */
function isCommon(password: string, common: ReadonlySet<string>): boolean {
  const letters = password.replaceAll(/^[^\p{L}]+|[^\p{L}]+$/gu, '');
  return [password, letters, repeated(password), repeated(letters)].some(
    (word) => common.has(word) || word.length === 1,
  );
}

function comparable(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** `abcabcabc` is `abc`. */
function repeated(text: string): string {
  const period = (text + text).indexOf(text, 1);
  return period > 0 ? text.slice(0, period) : text;
}

function contextWords({ email, name }: PasswordContext): string[] {
  const [address, called] = [comparable(email), comparable(name ?? '')];
  const [local = '', domain = ''] = address.split('@');
  const words = [address, local, ...domain.split('.').slice(0, -1), ...called.split(/\s+/), 'toolyard'];
  return words.filter((word) => word.length >= LEAST_CONTEXT_LENGTH);
}
