/** Every edit of a graph: from a graph to a graph, and the very same one where nothing changes. */

export * from './edit_align';
export * from './edit_groups';
export {
  connect,
  disconnect,
  disconnectAll,
  inputOf,
  insertIntoLink,
  moveLinkEnd,
  outputOf,
} from './edit_links';
export * from './edit_nodes';
export * from './edit_remove';
export { addReroute, moveReroutes, removeReroutes } from './edit_reroutes';
export { arrange } from './layout';
