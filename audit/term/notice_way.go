package term

// NoticeTest is by which way a test went.
type NoticeTest string

// The ways.
const (
	TestMail         NoticeTest = "mail"
	TestWebhook      NoticeTest = "webhook"
	TestAlertMail    NoticeTest = "alert mail"
	TestAlertWebhook NoticeTest = "alert webhook"
)

// NoticeTests lists the set.
func NoticeTests() []NoticeTest {
	return []NoticeTest{TestMail, TestWebhook, TestAlertMail, TestAlertWebhook}
}

// Label returns it in plain English.
func (t NoticeTest) Label() string {
	switch t {
	case TestMail:
		return "by mail"
	case TestWebhook:
		return "to the webhook"
	case TestAlertMail:
		return "an alert by mail"
	case TestAlertWebhook:
		return "an alert to the webhook"
	}
	return string(t)
}
