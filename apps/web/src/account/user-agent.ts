import Bowser from 'bowser';

/** A browser and its system, as people call them; what is no browser by how it calls itself. */
export function programOf(userAgent: string | null): { browser: string | undefined; system: string | undefined } {
  if (!userAgent) return { browser: undefined, system: undefined };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const isApple = os.name === 'iOS' && platform.model;
  return { browser: browser.name || userAgent.slice(0, 60), system: (isApple ? platform.model : os.name) || undefined };
}
