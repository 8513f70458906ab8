import { Popup } from "../ui/Popup";
import styles from "./Keys.module.css";

const KEYS: [string, string][] = [
  ["/", "Search orders"],
  ["j  k", "Next, previous row"],
  ["Enter", "Open the row"],
  ["u", "Back to the list"],
  ["1  2  3  4", "Tabs of an order"],
  ["Esc", "Leave the search, close a dialog"],
  ["?", "This list"],
];

export default function Keys({ close }: { close: () => void }) {
  return (
    <Popup title="Keys" close={close}>
      <dl className={styles.keys}>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key.split("  ").map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Popup>
  );
}
