/**
 * Lists the members of a JSON object as they were sent: numbers keep all digits, and repeated keys stay. Strings are
 * decoded. Returns null if the text is not a JSON object.
 */
export function listArguments(json: string): [key: string, value: string][] | null {
  if (!isObject(json)) return null;
  const members: [string, string][] = [];
  let at = json.indexOf('{') + 1;
  while (json[at] !== undefined) {
    at = skip(json, at, /[\s,]*/y);
    if (json[at] === '}') break;
    const keyEnd = skip(json, at, string);
    const valueStart = skip(json, keyEnd, /\s*:\s*/y);
    const valueEnd = skipValue(json, valueStart);
    const value = json.slice(valueStart, valueEnd);
    members.push([JSON.parse(json.slice(at, keyEnd)), value.startsWith('"') ? JSON.parse(value) : value]);
    at = valueEnd;
  }
  return members;
}

/** Lists the arguments that a step's title does not contain. */
export const listOtherArguments = (json: string, title: string): [key: string, value: string][] =>
  (listArguments(json) ?? [['', json]]).filter(([, value]) => value !== title && !isPartOf(title, value));

/** Returns whether a title contains a value as a word. Short values, such as numbers, stay beside it. */
const isPartOf = (title: string, value: string) => value.length > 3 && title.includes(value);

const string = /"(?:[^"\\]|\\.)*"/sy;
const part = /"(?:[^"\\]|\\.)*"|[{[]|[}\]]|[^"{}[\],]+|,/sy;

function isObject(json: string) {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function skip(json: string, at: number, pattern: RegExp) {
  pattern.lastIndex = at;
  return pattern.test(json) ? pattern.lastIndex : at;
}

/** Returns the index after the value of valid JSON that begins at `start`. */
function skipValue(json: string, start: number) {
  let depth = 0;
  let at = start;
  for (;;) {
    const first = json[at];
    if (first === undefined || (depth === 0 && (first === ',' || first === '}'))) break;
    if (first === '{' || first === '[') depth++;
    if (first === '}' || first === ']') depth--;
    at = skip(json, at, part);
  }
  return start + json.slice(start, at).trimEnd().length;
}
