/** Creates a client that stores cookies like a browser and does not follow redirects. */
export function browserCookies(initial = '') {
  const cookies = new Map(initial ? [initial.split('=', 2) as [string, string]] : []);
  const header = () => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  function store(line: string) {
    const [name = '', value = ''] = line.split(';', 1)[0]!.split('=', 2);
    const isExpired =
      /; *max-age=0(;|$)/i.test(line) || new Date(/; *expires=([^;]+)/i.exec(line)?.[1] ?? 8e15) < new Date();
    if (isExpired) cookies.delete(name);
    else cookies.set(name, value);
  }
  return {
    names: () => [...cookies.keys()],
    /** The `cookie` header, for `app.client`. */
    get cookie() {
      return header();
    },
    async fetch(url: string | URL, init: RequestInit = {}): Promise<Response> {
      const headers = { cookie: header(), ...init.headers };
      const response = await fetch(url, { redirect: 'manual', ...init, headers });
      for (const line of response.headers.getSetCookie()) store(line);
      return response;
    },
  };
}
