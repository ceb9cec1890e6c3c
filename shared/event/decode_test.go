package event

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"handoff/shared/touch"
)

func TestReadTouchAgreesWithEncodingJSON(t *testing.T) {
	x := touch.Touch{ID: touch.NewID("a", "b", "c", 0), Kind: touch.PageViewed, Subject: "anon:web/1", URL: "https://x.example/?a=1&b=2"}
	one, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	body := string(one)
	for _, s := range []string{
		`{"touch":` + body + `}`, `{"correlation_id":"c","touch":` + body + `}`, `{"correlation_id":"c","causation_id":"d","touch":` + body + `}`,
		`{"causation_id":"d","touch":` + body + `}`, `{"causation_id":"d","correlation_id":"c","touch":` + body + `}`,
		`{"touch":` + body + `,"correlation_id":"c"}`, `{"correlation_id":"c\u0026","touch":` + body + `}`, `{"correlation_id":"c` + "\n" + `","touch":` + body + `}`,
		`{"correlation_id":"c","touch":` + body, `{"correlation_id":"c","touch":` + body + `}x`, `{"correlation_id":"c","touch":{}}`, `{"correlation_id":"c"}`,
		`{"correlation_id":"c","more":1,"touch":` + body + `}`, `{"correlation_id":"","touch":` + body + `}`, `{"correlation_id":"a"b","touch":` + body + `}`,
		`"correlation_id":"c","touch":` + body + `}`, `{}`, `{`, ``, `null`, `{"touch":null}`, ` {"touch":` + body + `}`,
	} {
		var want TouchDetail
		wantErr := json.Unmarshal([]byte(s), &want)
		got, err := ReadTouch([]byte(s))
		if (err == nil) != (wantErr == nil) {
			t.Errorf("%s: got error %v, want %v", s, err, wantErr)
		} else if d := cmp.Diff(want, got); err == nil && d != "" {
			t.Errorf("%s: -want +got\n%s", s, d)
		}
	}
}
