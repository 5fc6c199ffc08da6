import { z } from 'zod';
import { isInRange, isRange } from '../../plugins/host.range.js';
import { HOST_VERSION } from '../../plugins/host.version.js';
import { manifestSchema } from '../../plugins/plugin.manifest.js';
import { nameSchema } from '../blueprint.js';
import { type Finding, lineOf } from './finding.js';
import { edited } from './manifest.edit.js';
import type { Folder } from './sources.js';

const FILE = 'package.json';
/** npm runs them on the machine of whoever installs the package. */
const INSTALL_SCRIPTS = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
/** What must be in the package: the rest is for its author. */
const PACKED = /^([^/]+\.(tool\.\w+|cases\.ya?ml)|README\.md)$/;

const words = z.string().catch('');
const textsSchema = z.looseObject({
  name: words,
  description: words,
  license: words,
  type: words,
  private: z.boolean().catch(false),
  files: z.array(z.string()).optional().catch(undefined),
  scripts: z.record(z.string(), z.unknown()).catch({}),
  dependencies: z.record(z.string(), z.unknown()).catch({}),
  toolyard: z.looseObject({ host: words }).catch({ host: '' }),
});

export type Texts = z.output<typeof textsSchema>;

/** What package.json says, however wrong it is; undefined when it is no JSON object. */
export function textsOf({ manifest }: Folder): Texts | undefined {
  try {
    return textsSchema.safeParse(JSON.parse(manifest)).data;
  } catch {
    return undefined;
  }
}

export function manifestFindings(folder: Folder): Finding[] {
  const texts = textsOf(folder);
  if (texts === undefined)
    return [
      finding('manifest', null, 'There is no package.json that can be read.', 'Write one: docs/plugins/publishing.md.'),
    ];
  const at = (member: string) => lineOf(folder.manifest, new RegExp(`"${member}"\\s*:`));
  return [
    ...schemaFaults(folder, at),
    ...nameFaults(texts, at),
    ...descriptionFaults(texts, at),
    ...hostFaults(texts, at),
    ...formFaults(texts, at),
    ...scriptFaults(texts, at),
    ...fileFaults(folder, texts, at),
  ];
}

type At = (member: string) => number | null;

function finding(rule: string, line: number | null, sentence: string, mend: string, fix?: Finding['fix']): Finding {
  return { rule, file: FILE, line, sentence, mend, ...(fix && { fix }) };
}

function schemaFaults({ manifest }: Folder, at: At): Finding[] {
  const { error } = manifestSchema.safeParse(JSON.parse(manifest));
  return (error?.issues ?? []).map(({ path, message }) => {
    const member = String(path.at(-1) ?? 'toolyard');
    const rule = path[0] === 'version' ? 'version' : 'manifest';
    return finding(
      rule,
      at(member),
      `${path.join('.') || 'The manifest'}: ${message}.`,
      'Write it as docs/plugins/permissions.md shows.',
    );
  });
}

function nameFaults({ name }: Texts, at: At): Finding[] {
  const last = name.replace(/^@[^/]*\//, '');
  if (nameSchema.safeParse(last).success) return [];
  return [
    finding(
      'kebab-case',
      at('name'),
      `The name ${name || '(none)'} is not kebab-case.`,
      'Use small letters, digits and single hyphens.',
    ),
  ];
}

function descriptionFaults({ description }: Texts, at: At): Finding[] {
  if (description === '')
    return [finding('description', null, 'There is no description.', 'Say in a sentence what the plugin does.')];
  if (/[.!?]$/.test(description)) return [];
  const fix = edited((manifest) => void (manifest['description'] = `${description}.`));
  return [
    finding(
      'description',
      at('description'),
      'The description does not end with a full stop.',
      'Make it a sentence.',
      fix,
    ),
  ];
}

/** What is not published comes with the platform for which it is. */
function hostFaults({ toolyard: { host }, private: isPrivate }: Texts, at: At): Finding[] {
  const [major, minor] = HOST_VERSION.split('.');
  const fix = edited((manifest) => void (manifest.toolyard = { ...manifest.toolyard, host: `>=${major}.${minor}` }));
  if (host === '' && isPrivate) return [];
  if (host === '')
    return [
      finding(
        'host-range',
        at('toolyard'),
        'Nothing says for which versions of Toolyard it is.',
        `Set toolyard.host, such as >=${major}.${minor}.`,
        fix,
      ),
    ];
  // One that cannot be read is a fault of the manifest already.
  if (!isRange(host) || isInRange(HOST_VERSION, host)) return [];
  return [
    finding(
      'host-range',
      at('host'),
      `It is not for this Toolyard: ${HOST_VERSION} is not in ${host}.`,
      'Widen toolyard.host, or work with such a version.',
    ),
  ];
}

function formFaults({ license, type }: Texts, at: At): Finding[] {
  const isLicense = /^[\w.+() -]{2,100}$/.test(license) && license !== 'UNLICENSED';
  const isModule = type === 'module';
  const fix = edited((manifest) => void (manifest['type'] = 'module'));
  return [
    ...(isLicense
      ? []
      : [
          finding(
            'license',
            at('license'),
            'Nobody may use it: it has no licence.',
            'Set license to an SPDX identifier, such as MIT.',
          ),
        ]),
    ...(isModule ? [] : [finding('module', at('type'), 'Its files are not modules.', 'Set type to module.', fix)]),
  ];
}

function scriptFaults({ scripts }: Texts, at: At): Finding[] {
  return INSTALL_SCRIPTS.filter((name) => name in scripts).map((name) =>
    finding(
      'install-script',
      at(name),
      `The script ${name} would run where the plugin is installed.`,
      'Take it out: a plugin with such scripts is refused.',
    ),
  );
}

/** Of a package that is not published, nothing is packed. */
function fileFaults(folder: Folder, { files, private: isPrivate }: Texts, at: At): Finding[] {
  if (isPrivate) return [];
  const wanted = [
    ...folder.files.filter((file) => PACKED.test(file)),
    ...folder.sources.map(({ file }) => file),
    ...(folder.files.some((file) => file.startsWith('fixtures/')) ? ['fixtures'] : []),
  ];
  const listed = files ?? [];
  const missing = [...new Set(wanted)].filter((file) => !listed.some((entry) => covers(entry, file)));
  if (missing.length === 0) return [];
  const fix = edited((manifest) => void (manifest['files'] = [...listed, ...missing]));
  return [
    finding('files', at('files'), `These would not be packed: ${missing.join(', ')}.`, 'Name them in files.', fix),
  ];
}

function covers(entry: string, file: string): boolean {
  const plain = entry.replace(/^\.\//, '').replace(/\/$/, '');
  if (plain.includes('*')) {
    const pattern = plain
      .replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
      .replaceAll('**/', '(?:.*/)?')
      .replaceAll(/(?<!\.)\*/g, '[^/]*');
    return new RegExp(`^${pattern}$`).test(file);
  }
  return file === plain || file.startsWith(`${plain}/`);
}
