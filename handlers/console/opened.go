package console

import (
	"net/http"
	"strings"
	"unicode"

	"countersign/handlers/web"
	"countersign/views"

	"github.com/labstack/echo/v4"
)

// Opened reports whether the record of an account is open to this session. Where it is not,
// the answer is given: a page that offers to open it, and shows nothing of the account, nor
// whether there is one.
func (p *Pages) Opened(c echo.Context, accountID string, props views.ClosedRecordProps) (bool, error) {
	ctx := c.Request().Context()
	may, err := p.Store.MayRead(ctx, web.SessionOf(c).ID, accountID)
	if err != nil || may {
		return may, err
	}
	frame := p.Frame(c, views.Say(ctx, "This record is not open"), props.Section)
	return false, web.Render(c, http.StatusOK, views.ClosedRecordPage(frame, props))
}

// Initials returns the first letter of each of the first words of a name: "A. E." for "Anna Example". They tell people
// apart who look for somebody, and copy nobody's name.
func Initials(name string) string {
	var list []string
	for _, word := range strings.Fields(name) {
		letters := []rune(word)
		end := 1
		for end < len(letters) && unicode.Is(unicode.M, letters[end]) {
			end++
		}
		if list = append(list, string(letters[:end])+"."); len(list) == longestInitials {
			break
		}
	}
	return strings.Join(list, " ")
}

// longestInitials is how many words of a name Initials begins.
const longestInitials = 4
