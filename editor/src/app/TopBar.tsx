/** Tabs, what runs, and the button that runs it. */

import { FileMenu } from './FileMenu';
import { RunControls } from './RunControls';
import { StatusLine } from './StatusLine';
import { Tabs } from './Tabs';
import './topBar.css';

export function TopBar() {
  return (
    <header className="top-bar">
      <h1 className="visually-hidden">Nodeloom</h1>
      <FileMenu />
      <Tabs />
      <StatusLine />
      <RunControls />
    </header>
  );
}
