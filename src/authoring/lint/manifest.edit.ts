/** A package.json, as far as it is edited here. */
interface Editable {
  [member: string]: unknown;
  toolyard?: { permissions?: Record<string, unknown> } & Record<string, unknown>;
}

/** The text of a package.json in which something is changed. */
export function edited(change: (manifest: Editable) => void): (text: string) => string {
  return (text) => {
    const manifest: Editable = JSON.parse(text);
    change(manifest);
    return `${JSON.stringify(manifest, null, 2)}\n`;
  };
}

/** @param kind `addons` is a yes or no, the others are lists of names */
export function withoutPermission(kind: string, name: string): (text: string) => string {
  return edited(({ toolyard }) => {
    const permissions = toolyard?.permissions;
    if (!permissions) return;
    const list = permissions[kind];
    const kept = Array.isArray(list) ? list.filter((member) => member !== name) : [];
    if (kept.length > 0) permissions[kind] = kept;
    else delete permissions[kind];
  });
}
