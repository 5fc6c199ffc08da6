import type { Letter } from '../../mail/mail.js';
import type { Link } from '../users/links.js';
import type { User } from '../users/user.entity.js';

export function passwordLetter({ email }: User, { url, expiresAt }: Link): Letter {
  const text = `Somebody, probably you, asked for a new password for the Toolyard account ${email}.

Choose one here, until ${expiresAt.toUTCString()}:

${url}

The link works once. If it was not you, do nothing: your password stays as it is.
`;
  return { to: email, subject: 'A new password for Toolyard', text };
}

export function changeLetter({ email }: User): Letter {
  const text = `The password of the Toolyard account ${email} was changed just now.

If it was not you, ask for a new password at once, and tell an admin.
`;
  return { to: email, subject: 'Your password for Toolyard was changed', text };
}
