import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'vite';

type Context = Rolldown.ChunkingContext;

/** Modules at which the parts of the page begin. */
const toId = (path: string) => fileURLToPath(new URL(`../src/${path}`, import.meta.url));
const SIGN_IN = ['sign-in/main.tsx'].map(toId);
const ENTRY = toId('main.ts');
/** Modules that run before the larger chunks have arrived. */
const FIRST = ['no-eval.ts', 'i18n/locales.ts', 'browser-storage.ts'].map(toId);
const FIRST_REQUESTS = toId('first-requests.ts');
const APP = [ENTRY, toId('app.tsx')];
const CHAT = ['chat/chat-routes.tsx'].map(toId);

/**
 * Modules of packages that export very many, of which each page uses a few. Their chunks depend on who uses them.
 */
const UNGROUPED =
  /lucide-react|radix-ui|floating-ui|react-remove-scroll|react-style-singleton|use-sidecar|use-callback-ref|aria-hidden|\.css$/;
/** Links of tRPC that the app uses and the sign-in page does not, although both use the file that exports them. */
const APP_LINKS = /@trpc\/client\/dist\/(?:wsLink|httpBatchLink)-/;
/** What all icons use. */
const ICONS = /lucide-react\/dist\/esm\/(?!icons\/|lucide-react\.)/;

/**
 * Returns the groups of modules that form a chunk. Each page loads a few files, rather than one for every combination of
 * pages that shares modules: browsers request only six at a time over HTTP/1.1.
 */
export function createChunkGroups(): Rolldown.CodeSplittingGroup[] {
  let parts: { signIn: Set<string>; app: Set<string>; chat: Set<string> } | undefined;
  const findName = (id: string, context: Context) => {
    parts ??= {
      signIn: listImports(context, SIGN_IN),
      app: listImports(context, APP),
      chat: listImports(context, CHAT),
    };
    const { signIn, app, chat } = parts;
    // Entries render when they are loaded, so nothing else may be in their chunks.
    if (id === ENTRY || SIGN_IN.includes(id)) return null;
    if (FIRST.includes(id)) return 'first';
    if (id === FIRST_REQUESTS) return 'first-requests';
    if (ICONS.test(id)) return 'app';
    if (APP_LINKS.test(id)) return 'links';
    if (UNGROUPED.test(id)) return null;
    if (app.has(id)) return signIn.has(id) ? 'base' : 'app';
    if (signIn.has(id)) return 'forms';
    return chat.has(id) ? 'chat' : null;
  };
  // A group also takes what its modules import, unless a group with a higher priority has it.
  return ['chat', 'forms', 'app', 'base', 'links', 'first', 'first-requests'].map((name, priority) => ({
    ...{ name: (id: string, context: Context) => (findName(id, context) === name ? name : null), priority },
    includeDependenciesRecursively: name !== 'links',
  }));
}

/** Lists modules and all that they import statically, also through others. */
function listImports(context: Context, entries: string[]): Set<string> {
  const found = new Set<string>();
  const add = (id: string) => {
    if (found.has(id)) return;
    found.add(id);
    for (const imported of context.getModuleInfo(id)?.importedIds ?? []) add(imported);
  };
  entries.forEach(add);
  return found;
}
