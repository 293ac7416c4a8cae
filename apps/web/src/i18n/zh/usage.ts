import type en from '../en/usage.ts';
import type { Translated } from '../translated.ts';

export default {
  usage: {
    table: '各智能体和成员的用量',
    title: '最近 30 天的用量',
    none: '最近 30 天没有任务。',
    chart: '每日任务数',
    day: '{day}：{count, plural, other {# 个任务}}',
    agent: '智能体',
    person: '成员',
    former: '前成员',
    tasks: '任务',
    failed: '失败',
    duration: '耗时',
    input: '输入 token',
    output: '输出 token',
    unknown: '未上报',
    note: '耗时包含排队时间。token 数由智能体的引擎上报。',
  },
} satisfies Translated<typeof en>;
