/** An entry of the list that `/` opens. */
export type SlashEntry = {
  id: string;
  name: string;
  /** Short English name of a command, which any keyboard can type. */
  slug?: string;
};

/**
 * Returns the text after a `/` at the beginning of a message; null if the message is no search for an entry, such as a
 * path.
 */
export const readSlashQuery = (message: string): string | null => /^\/([^\n/]{0,60})$/.exec(message)?.[1] ?? null;

/** Returns the entries that match a query: those that begin with it, then those that contain it. */
export function filterEntries<Entry extends SlashEntry>(entries: Entry[], query: string): Entry[] {
  const folded = fold(query);
  const rank = ({ name, slug = '' }: Entry) => {
    const texts = [fold(name), slug];
    if (texts.some((text) => text.startsWith(folded))) return 0;
    return texts.some((text) => text.includes(folded)) ? 1 : 2;
  };
  return [0, 1].flatMap((group) => entries.filter((entry) => rank(entry) === group));
}

const fold = (text: string) => text.trim().normalize('NFKC').toLowerCase();
