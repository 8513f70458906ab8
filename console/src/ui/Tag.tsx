// A status in its words and colours; the dot is drawn, so colour never stands alone.

import { Tooltip } from "@mantine/core";
import type { Said } from "../words/status";
import styles from "./Tag.module.css";

export function Tag({ said, plain = false }: { said: Said; plain?: boolean }) {
  const tag = (
    <span className={plain ? styles.plain : styles.tag} data-tone={said.tone}>
      <span className={styles.dot} aria-hidden="true" />
      {said.word}
    </span>
  );
  return said.help && !plain ? <Tooltip label={said.help}>{tag}</Tooltip> : tag;
}
