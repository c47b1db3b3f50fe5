#include "client/public_error.h"

namespace barnabas::kafka {

std::string_view error::name() const {
  return error_name(static_cast<error_code>(code));
}

}  // namespace barnabas::kafka
