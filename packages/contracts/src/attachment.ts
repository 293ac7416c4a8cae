import { z } from 'zod';
import { IMAGE_TYPES } from './attachment-path.ts';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count } from './number.ts';
import { text } from './text.ts';

/** Metadata of an attached file. */
export const Attachment = z
  .object({
    id: Id,
    name: text(limits.name),
    mediaType: z.string().max(limits.name).describe('The media type detected from the content.'),
    size: count().describe('The size in bytes.'),
  })
  .meta({ id: 'Attachment', description: 'A file attached to a message.' });
export type Attachment = z.infer<typeof Attachment>;

const PDF_TYPE = 'application/pdf';
/** Returns whether a file is a PDF. */
export const isPdf = (mediaType: string): mediaType is typeof PDF_TYPE => mediaType === PDF_TYPE;

/** Media types of accepted binary files, which are detected from the content. */
export const BINARY_TYPES: readonly string[] = [...IMAGE_TYPES, PDF_TYPE];

/** Media types of text files by their extension. Texts with other names are plain. */
export const TEXT_TYPES: Record<string, string> = {
  ...mapExtensions(
    'text/plain',
    'txt log conf cfg ini env properties toml patch diff sql gitignore dockerfile makefile hcl tf',
  ),
  ...mapExtensions(
    'text/plain',
    'sh bash zsh fish ps1 bat py rb go rs c h cc cpp hpp cs java kt swift php pl lua r scala vue',
  ),
  ...mapExtensions('text/plain', 'js mjs cjs jsx ts mts cts tsx css scss html htm xml svg graphql proto service'),
  ...mapExtensions('text/markdown', 'md markdown'),
  ...mapExtensions('text/csv', 'csv tsv'),
  ...mapExtensions('application/json', 'json jsonl ndjson'),
  ...mapExtensions('application/yaml', 'yaml yml'),
};

/** Returns whether a media type is one of the accepted text types. */
export const isText = (mediaType: string) => Object.values(TEXT_TYPES).includes(mediaType);

function mapExtensions(mediaType: string, extensions: string) {
  return Object.fromEntries(extensions.split(' ').map((extension) => [extension, mediaType]));
}

/**
 * Returns the text type for a file name; undefined when its extension is not one of a text file. A name without a dot
 * counts as an extension: `Makefile`.
 */
export const findTextType = (name: string): string | undefined => {
  const extension = name.toLowerCase().split('.').at(-1) ?? '';
  return Object.hasOwn(TEXT_TYPES, extension) ? TEXT_TYPES[extension] : undefined;
};
