/** Asks as a browser does: with the cookies it was given, and one redirect at a time. */
export function browserCookies(given = '') {
  const cookies = new Map(given ? [given.split('=', 2) as [string, string]] : []);
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  function keep(line: string) {
    const [name = '', value = ''] = line.split(';', 1)[0]!.split('=', 2);
    const isOver =
      /; *max-age=0(;|$)/i.test(line) || new Date(/; *expires=([^;]+)/i.exec(line)?.[1] ?? 8e15) < new Date();
    if (isOver) cookies.delete(name);
    else cookies.set(name, value);
  }
  return {
    names: () => [...cookies.keys()],
    /** As a person who has these cookies, for `app.client`. */
    get cookie() {
      return header();
    },
    async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
      const headers = { cookie: header(), ...init.headers };
      const response = await fetch(url, { redirect: 'manual', ...init, headers });
      for (const line of response.headers.getSetCookie()) keep(line);
      return response;
    },
  };
}
