export default {
  frame: {
    skip: 'Skip to content',
    sections: 'Sections',
    section: { agents: 'Agents', organization: 'Organization', account: 'Account', settings: 'Settings' },
    collapse: 'Collapse sidebar',
    expand: 'Expand sidebar',
    notFound: {
      title: 'Page not found',
      body: 'There is no page at this address. The link may be incomplete, or the page may have moved.',
      back: 'Back to My Agents',
    },
  },
} as const;
