import type en from '../en/sessions.ts';
import type { Translated } from '../translated.ts';

export default {
  sessions: {
    list: '会话列表',
    lists: { active: '会话', archived: '已归档', deleted: '已删除' },
    show: '显示',
    groups: { pinned: '置顶', today: '今天', yesterday: '昨天', week: '最近 7 天' },
    empty: { active: '还没有会话。', archived: '没有已归档的会话。', deleted: '最近 7 天没有删除过会话。' },
    search: '搜索会话',
    results: '搜索结果',
    searching: '搜索中…',
    found:
      '{count, plural, =0 {没有找到} other {{more, select, yes {最近 {count, number} 条匹配} other {{count, number} 条匹配}}}}',
    actions: '“{title}”的操作',
    keys: '方向键移动 · Enter 打开 · F2 重命名 · Delete 删除',
    unread: '未读',
    pinned: '已置顶',
    rename: '重命名',
    renameTitle: '重命名会话',
    title: '标题',
    pin: '置顶',
    unpin: '取消置顶',
    archive: '归档',
    unarchive: '取消归档',
    exportMarkdown: '导出为 Markdown',
    exportJson: '导出为 JSON',
    delete: '删除',
    restore: '恢复',
    deleted: '已删除“{title}”。',
    archived: '已归档“{title}”。',
    undo: '撤销',
    deletedAgo: '{ago}删除',
  },
} satisfies Translated<typeof en>;
