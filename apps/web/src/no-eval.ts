// zod reads this when it is loaded. Otherwise it tries `new Function`, which violates the page's content security policy.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });
