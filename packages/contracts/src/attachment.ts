import { z } from 'zod';
import { Id } from './ids.ts';
import { limits } from './limits.ts';
import { count } from './number.ts';
import { text } from './text.ts';

/** `POST` uploads one file as `multipart/form-data`; `GET …/:id` answers it to whoever may read the message it came with. */
export const ATTACHMENTS_PATH = '/api/v1/agent/attachments';

/** Where one is fetched, below the server's own address. */
export const toAttachmentPath = (id: string) => `${ATTACHMENTS_PATH}/${id}`;

export const Attachment = z
  .object({
    id: Id,
    name: text(limits.name),
    mediaType: z.string().max(limits.name).describe('What the file was found to be, whatever its sender said.'),
    size: count().describe('In bytes.'),
  })
  .meta({ id: 'Attachment', description: 'A file that comes with a message.' });
export type Attachment = z.infer<typeof Attachment>;

/** The only types that a page may show in place: everything else is saved. */
const images = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const;
export const isImage = (mediaType: string): mediaType is (typeof images)[number] =>
  images.some((image) => image === mediaType);

const pdf = 'application/pdf';
export const isPdf = (mediaType: string): mediaType is typeof pdf => mediaType === pdf;

/** What a file may be that has no text in it, by its content. */
export const BINARY_TYPES: readonly string[] = [...images, pdf];

/** How a text file may be called, and what it is then; its content must be UTF-8. */
export const TEXT_TYPES: Record<string, string> = {
  ...of('text/plain', 'txt log conf cfg ini env properties toml patch diff sql gitignore dockerfile makefile hcl tf'),
  ...of('text/plain', 'sh bash zsh fish ps1 bat py rb go rs c h cc cpp hpp cs java kt swift php pl lua r scala vue'),
  ...of('text/plain', 'js mjs cjs jsx ts mts cts tsx css scss html htm xml svg graphql proto service'),
  ...of('text/markdown', 'md markdown'),
  ...of('text/csv', 'csv tsv'),
  ...of('application/json', 'json jsonl ndjson'),
  ...of('application/yaml', 'yaml yml'),
};

export const isText = (mediaType: string) => Object.values(TEXT_TYPES).includes(mediaType);

function of(mediaType: string, endings: string) {
  return Object.fromEntries(endings.split(' ').map((ending) => [ending, mediaType]));
}

/** The text type a file's name tells; undefined when it is none. A name without a dot is its own ending: `Makefile`. */
export const findTextType = (name: string): string | undefined => {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  return Object.hasOwn(TEXT_TYPES, ending) ? TEXT_TYPES[ending] : undefined;
};
