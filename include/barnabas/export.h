// Marks what libbarnabas.so exports. Everything else in it is hidden.
#pragma once

#define BARNABAS_API __attribute__((visibility("default")))
