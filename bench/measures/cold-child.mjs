// @ts-check
const [, , module, order] = process.argv;
const { send } = await import(new URL(`../${module}`, import.meta.url).href);
await send(JSON.parse(order ?? ""));
