import type { Tokens } from 'marked';

/** Link definitions by their normalized label. */
export type Links = Record<string, Pick<Tokens.Link, 'href' | 'title'>>;

/** Matches the addresses that a text may link to. */
export const linkedAddress = /^(?:https?:|mailto:)/i;

/** Normalizes a label as marked does. */
export const normalizeLabel = (label: string) =>
  label.trim().replace(/\s+/g, ' ').toLowerCase().toUpperCase().toLowerCase();

/** Returns the label that a reference link uses: the last of its brackets that are not empty. */
export const readLabel = (raw: string) => normalizeLabel(/\[((?:\\.|[^[\]\\])+)\](?:\[\])?$/.exec(raw)?.[1] ?? '');

/**
 * Returns whether a definition defines a link. `[ERROR]: timeout` is a line of a log, and `[^1]: …` a footnote: both are
 * shown as they are written.
 */
export const isDefinition = ({ tag, href }: Tokens.Def) => linkedAddress.test(href) && !tag.startsWith('^');

/** Lists the labels whose definition has been added, removed or changed. */
export function findChangedLabels(before: Links, after: Links): string[] {
  const labels = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...labels].filter((label) => before[label]?.href !== after[label]?.href);
}

/** Returns whether a block may refer to one of the labels. */
export function refersTo(raw: string, labels: string[]): boolean {
  if (labels.length === 0 || !raw.includes('[')) return false;
  const normalized = normalizeLabel(raw);
  return labels.some((label) => normalized.includes(`${label}]`) || normalized.includes(`${label} ]`));
}
