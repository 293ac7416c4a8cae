type Layer = { route?: { path: string | string[] }; handle: { stack?: Layer[] } };

const listPaths = (stack: Layer[]): string[] =>
  stack.flatMap(({ route, handle }) => (route ? route.path : listPaths(handle.stack ?? [])));

/** Lists the paths of all routes of an Express app, without the prefixes under which their routers are mounted. */
export const listRoutePaths = (router: unknown) => listPaths((router as { stack: Layer[] }).stack);
