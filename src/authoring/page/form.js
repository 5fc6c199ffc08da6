/** Fields for the options of a tool, drawn from their JSON Schema, and what stands in them. */

/** Draws the fields into a place, in place of those that were there. What was typed before stays, where it still fits. */
export function drawOptions(place, schema) {
  const before = new Map(fieldsIn(place).map((field) => [field.dataset.option, field]));
  const required = new Set(schema.required ?? []);
  const drawn = Object.entries(schema.properties ?? {}).map(([name, member]) =>
    drawField(name, plain(member), required.has(name) && member.default === undefined),
  );
  place.replaceChildren(...drawn);
  for (const field of fieldsIn(place)) keep(field, before.get(field.dataset.option));
}

/** The options that were given; those that were left empty are left out. Throws a sentence when one is no JSON. */
export function optionsIn(place) {
  const given = fieldsIn(place).flatMap((field) => {
    const value = valueOf(field);
    return value === undefined ? [] : [[field.dataset.option, value]];
  });
  return Object.fromEntries(given);
}

function fieldsIn(place) {
  return [...place.querySelectorAll('[data-option]')];
}

/** Of several ways to write an option, the first that is not null. */
function plain(member) {
  const branches = member.anyOf ?? member.oneOf;
  if (!branches) return member;
  const branch = branches.find(({ type }) => type !== 'null') ?? {};
  return { ...branch, description: member.description ?? branch.description, default: member.default };
}

function drawField(name, member, isRequired) {
  const id = `option-${name}`;
  const field = fieldFor(member, isRequired);
  field.id = id;
  field.dataset.option = name;
  field.setAttribute('aria-describedby', `${id}-hint`);
  if (isRequired && field.type !== 'checkbox') field.required = true;
  const label = element('label', { htmlFor: id, textContent: isRequired ? `${name} (required)` : name });
  const hint = element('span', { id: `${id}-hint`, className: 'hint', textContent: hintOf(member) });
  const paragraph = element('p');
  paragraph.append(...(field.type === 'checkbox' ? [field, label] : [label, field]), hint);
  return paragraph;
}

function fieldFor(member, isRequired) {
  const choices = member.enum ?? (member.const === undefined ? undefined : [member.const]);
  if (choices) return choice(choices, member.default, isRequired);
  switch ([member.type].flat().find((type) => type !== 'null')) {
    case 'boolean':
      return element('input', { type: 'checkbox', checked: member.default === true });
    case 'integer':
    case 'number':
      return numberField(member);
    case 'string':
      return textField(member);
    default:
      return listField(member);
  }
}

function choice(choices, usual, isRequired) {
  const field = element('select');
  field.dataset.kind = 'json';
  if (!isRequired && usual === undefined) field.append(new Option('', ''));
  for (const value of choices) {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    field.append(new Option(text, JSON.stringify(value), value === usual, value === usual));
  }
  return field;
}

function numberField({ type, minimum, maximum, default: usual }) {
  const field = element('input', { type: 'number', step: type === 'integer' ? '1' : 'any' });
  field.dataset.kind = 'json';
  if (Number.isSafeInteger(minimum) && minimum > Number.MIN_SAFE_INTEGER) field.min = minimum;
  if (Number.isSafeInteger(maximum) && maximum < Number.MAX_SAFE_INTEGER) field.max = maximum;
  if (usual !== undefined) field.value = usual;
  return field;
}

function textField({ maxLength, default: usual, writeOnly }) {
  const isLong = !writeOnly && (maxLength === undefined || maxLength > 200);
  const field = element(
    isLong ? 'textarea' : 'input',
    isLong ? { rows: 2 } : { type: writeOnly ? 'password' : 'text' },
  );
  if (maxLength !== undefined) field.maxLength = maxLength;
  if (usual !== undefined) field.value = usual;
  return field;
}

/** Lists of words are written with commas between them; what is more than that, as JSON. */
function listField({ items, default: usual }) {
  const isWords = items !== undefined && items.type === 'string';
  const field = element('input', { type: 'text' });
  field.dataset.kind = isWords ? 'words' : 'json';
  if (usual !== undefined) field.value = isWords ? usual.join(', ') : JSON.stringify(usual);
  return field;
}

function hintOf(member) {
  const words = member.items?.enum ?? [];
  const notes = [
    member.description ?? '',
    words.length > 0 ? `One or more of ${words.join(', ')}, with commas between.` : '',
    member.minimum !== undefined && member.maximum < Number.MAX_SAFE_INTEGER
      ? `From ${member.minimum} to ${member.maximum}.`
      : '',
  ];
  return notes.filter(Boolean).join(' ');
}

function valueOf(field) {
  if (field.type === 'checkbox') return field.checked;
  if (field.value === '') return undefined;
  if (field.dataset.kind === 'words') return field.value.split(',').map((word) => word.trim());
  if (field.dataset.kind !== 'json') return field.value;
  try {
    return JSON.parse(field.value);
  } catch {
    throw new Error(`The option ${field.dataset.option} is no JSON.`);
  }
}

function keep(field, before) {
  if (!before || before.type !== field.type) return;
  if (field.type === 'checkbox') field.checked = before.checked;
  else if (field.tagName !== 'SELECT' || [...field.options].some(({ value }) => value === before.value))
    field.value = before.value;
}

function element(name, members = {}) {
  return Object.assign(document.createElement(name), members);
}
