/** The address of the merge table that ships with the tokenizer, made by the build (vite.config.ts). */

declare module 'virtual:clip-merges' {
  const address: string;
  export default address;
}
