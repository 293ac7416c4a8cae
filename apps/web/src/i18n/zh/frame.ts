import type en from '../en/frame.ts';
import type { Translated } from '../translated.ts';

export default {
  frame: {
    skip: '跳到正文',
    sections: '导航',
    section: { agents: '智能体', organization: '组织', account: '账户', settings: '设置' },
    collapse: '收起侧边栏',
    expand: '展开侧边栏',
    notFound: {
      title: '页面不存在',
      body: '这个地址没有对应的页面，可能是链接不完整，也可能页面已被移走。',
      back: '返回我的智能体',
    },
  },
} satisfies Translated<typeof en>;
