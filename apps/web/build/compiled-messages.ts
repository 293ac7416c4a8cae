import { sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import compile from 'icu-minify/compile';
import type { Plugin } from 'vite';

/** Files that export messages of one part of the page in one language. */
const MESSAGES = /\/src\/i18n\/(en|zh)\/[\w-]+\.ts$/;

type Messages = { [key: string]: string | Messages };

/** Compiles the ICU messages, so that the page needs no parser for them. */
export function compiledMessages(): Plugin {
  return {
    name: 'compiled-messages',
    enforce: 'pre',
    config: () => ({ resolve: { alias: { 'use-intl/format-message': 'use-intl/format-message/format-only' } } }),
    async load(id) {
      const file = id.split('?')[0]!;
      if (!MESSAGES.test(file.replaceAll(sep, '/'))) return null;
      // The query makes Node read a file again that was changed during development.
      const module = await import(`${pathToFileURL(file).href}?${Date.now()}`);
      return `export default ${JSON.stringify(compileAll(module.default))}`;
    },
  };
}

const compileAll = (messages: Messages): unknown =>
  Object.fromEntries(
    Object.entries(messages).map(([key, message]) => [
      key,
      typeof message === 'string' ? compile(message) : compileAll(message),
    ]),
  );
