import Bowser from 'bowser';

/** Parses a user agent. Programs other than browsers are returned as they name themselves, with at most 60 characters. */
export function parseUserAgent(userAgent: string | null): { browser: string | undefined; system: string | undefined } {
  if (!userAgent) return { browser: undefined, system: undefined };
  const { browser, os, platform } = Bowser.parse(userAgent);
  const isApple = os.name === 'iOS' && platform.model;
  return { browser: browser.name || userAgent.slice(0, 60), system: (isApple ? platform.model : os.name) || undefined };
}
